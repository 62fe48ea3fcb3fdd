import { browser } from 'wxt/browser';

const RULE_ID = 1;

let installing: Promise<void> | undefined;

/**
 * Makes the browser leave cookies out of the host's requests for video files. With the permission for a host, it would
 * send all of the user's cookies there, even those that the page's own request from another site does not carry
 * (`SameSite`). The rule lasts until the browser is closed. Resolves when the rule is set.
 * @see https://developer.chrome.com/docs/extensions/reference/api/declarativeNetRequest
 */
export function leaveCookiesOut(): Promise<void> {
  installing ??= browser.declarativeNetRequest
    .updateSessionRules({
      removeRuleIds: [RULE_ID],
      addRules: [
        {
          id: RULE_ID,
          condition: { initiatorDomains: [browser.runtime.id], resourceTypes: ['media'] },
          action: {
            type: 'modifyHeaders',
            requestHeaders: [{ header: 'cookie', operation: 'remove' }],
          },
        },
      ],
    })
    .catch((error: unknown) => {
      installing = undefined;
      throw error;
    });
  return installing;
}
