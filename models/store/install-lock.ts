/** One installation at a time, over all contexts of the extension: two would take each other for leftovers. */
export const INSTALL_LOCK = 'install-model';
