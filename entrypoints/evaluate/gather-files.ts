/** One file of a chosen folder. */
export type GatheredFile = {
  /** The path from the chosen folder's own name on, with `/`. */
  readonly path: string;
  /** @throws DOMException where it has gone or may not be read any more */
  readonly open: () => Promise<File>;
};

export type Gathered = {
  /** Name of the folder, or of the first file. */
  readonly title: string;
  readonly files: readonly GatheredFile[];
  /** Folders that may not be read, by path. */
  readonly closedFolders: readonly string[];
  /** null where the browser gives no handle of the folder. */
  readonly folder: FileSystemDirectoryHandle | null;
};

/** https://wicg.github.io/file-system-access/#api-datatransferitem-getasfilesystemhandle, which TypeScript does not know. */
type DroppedItem = DataTransferItem & {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
};

/** Files of a field. If the field takes a folder, their names begin with the folder's. */
export function gatherFromField(files: readonly File[]): Gathered {
  const gathered = files.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    open: () => Promise.resolve(file),
  }));
  return { title: titleOf(gathered), files: gathered, closedFolders: [], folder: null };
}

/** All files of a folder, at any depth. */
export async function gatherFromFolder(folder: FileSystemDirectoryHandle): Promise<Gathered> {
  const closedFolders: string[] = [];
  const files = await listFolder(folder, folder.name, closedFolders);
  return { title: folder.name, files, closedFolders, folder };
}

/** Dropped files and folders. It must be called in the event itself: afterwards the browser has emptied the data. */
export async function gatherFromDrop(data: DataTransfer): Promise<Gathered> {
  const items = [...data.items].filter(({ kind }) => kind === 'file') as readonly DroppedItem[];
  // Only Chromium gives handles, and with them folders.
  if (items.some((item) => item.getAsFileSystemHandle === undefined)) return gatherFromField([...data.files]);
  const given = await Promise.all(items.map((item) => item.getAsFileSystemHandle!()));
  const handles = given.filter((handle) => handle !== null);
  const closedFolders: string[] = [];
  const found = await Promise.all(
    handles.map(async (handle) => {
      return isFolder(handle) ? await listFolder(handle, handle.name, closedFolders) : [gatheredFile(handle)];
    }),
  );
  const files = found.flat();
  const [first, ...others] = handles;
  const folder = first && isFolder(first) && others.length === 0 ? first : null;
  return { title: titleOf(files), files, closedFolders, folder };
}

async function listFolder(
  folder: FileSystemDirectoryHandle,
  path: string,
  closedFolders: string[],
): Promise<readonly GatheredFile[]> {
  const files: GatheredFile[] = [];
  try {
    for await (const handle of folder.values()) {
      const below = `${path}/${handle.name}`;
      if (isFolder(handle)) files.push(...(await listFolder(handle, below, closedFolders)));
      else files.push({ ...gatheredFile(handle), path: below });
    }
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    closedFolders.push(path);
  }
  return files;
}

function gatheredFile(handle: FileSystemHandle): GatheredFile {
  return { path: handle.name, open: () => (handle as FileSystemFileHandle).getFile() };
}

function isFolder(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory';
}

function titleOf(files: readonly GatheredFile[]): string {
  const first = files[0]?.path ?? '';
  const slash = first.indexOf('/');
  return slash < 0 ? first : first.slice(0, slash);
}
