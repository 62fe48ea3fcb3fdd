/** The files of a dropped folder, up to about `maxFiles`, without those of folders within it. */
export async function readFolder(
  folder: FileSystemDirectoryEntry,
  maxFiles: number,
): Promise<readonly File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    // A folder is given a hundred entries at a time, until there are none left.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0 || files.length >= maxFiles) return files.slice(0, maxFiles);
    for (const child of entries) if (isFile(child)) files.push(await readFile(child));
  }
}

/** The files of a folder that was chosen in a field, without those of folders within it. */
export function ownFiles(files: readonly File[]): readonly File[] {
  // "folder/file"
  return files.filter(({ webkitRelativePath }) => webkitRelativePath.split('/').length <= 2);
}

export function readFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

export function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

export function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
