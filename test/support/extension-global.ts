/** The parts of the browser's API that page scripts of tests use, in pages of the extension. */
export type ExtensionGlobal = {
  readonly chrome: {
    readonly runtime: { readonly sendMessage: (message: unknown) => Promise<unknown> };
    readonly storage: { readonly local: { readonly set: (items: object) => Promise<void> } };
  };
};
