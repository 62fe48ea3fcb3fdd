import { t } from './texts.tsx';

/** Said beside controls that an administrator has decided about. */
export function SetByAdministrator() {
  return <p class="small quiet">{t('policy.setByAdministrator')}</p>;
}
