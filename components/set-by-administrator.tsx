import { t } from './texts.tsx';

/** The note beside controls whose value an administrator has set. */
export function SetByAdministrator() {
  return <p class="small quiet">{t('policy.setByAdministrator')}</p>;
}
