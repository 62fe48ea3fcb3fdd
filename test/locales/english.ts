import { resolve } from 'node:path';
import { parseMessagesFile } from '@wxt-dev/i18n/build';

/**
 * A replacement of `#i18n` in Node, where no browser has the messages: those of the English file, as @wxt-dev/i18n
 * builds them.
 */

const FILE = resolve(import.meta.dirname, '../../utils/locales/en.yml');
const messages = new Map(
  (await parseMessagesFile(FILE)).map((message) => [
    message.key.join('.'),
    message.type === 'plural' ? Object.values(message.plurals).join(' | ') : message.message,
  ]),
);

export const i18n = {
  t: (key: string): string => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`no English text has the key ${key}`);
    return message;
  },
};
