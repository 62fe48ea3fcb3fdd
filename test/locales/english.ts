import { resolve } from 'node:path';
import { parseMessagesFile } from '@wxt-dev/i18n/build';

/**
 * What `#i18n` is in Node, where no browser holds the messages: the English file, with the plural forms and placeholders of
 * @wxt-dev/i18n.
 */

const FILE = resolve(import.meta.dirname, '../../utils/locales/en.yml');
const messages = new Map((await parseMessagesFile(FILE)).map((message) => [message.key.join('.'), message]));

type Values = Readonly<Record<string, string | number>>;

export const i18n = {
  t: (key: string, ...rest: readonly (number | Values)[]): string => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`no English text has the key ${key}`);
    const count = rest.find((argument) => typeof argument === 'number');
    const values = rest.find((argument) => typeof argument === 'object') ?? {};
    const text = message.type === 'plural' ? message.plurals[count === 1 ? '1' : 'n'] : message.message;
    return (text ?? '').replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  },
};
