import { ask } from '../../utils/browser/messages.ts';

/** The page that installs a network. The popup closes as another tab comes forward. */
export function openWelcome(): void {
  void ask('background', 'openPage', { page: 'welcome', scanId: null });
}
