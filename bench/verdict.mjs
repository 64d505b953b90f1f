// The lines of the final table: what was measured, what it should be, and whether it is.

const line = (what, figure, target, isMet) => ({ what, figure, target, isMet });
const plain = (value) => String(Number(value.toFixed(2)));

export const atMost = (what, value, target, show = plain) =>
  line(what, show(value), `≤ ${show(target)}`, value <= target);

export const atLeast = (what, value, target, show = plain) =>
  line(what, show(value), `≥ ${show(target)}`, value >= target);

/** Something that is told and not judged. */
export const noted = (what, figure) => line(what, figure, '–', undefined);

const word = (isMet) => (isMet === undefined ? '–' : isMet ? 'met' : '**missed**');

/** @param results `[{name, load, verdicts}]` */
export function verdictTable(results) {
  const rows = results.flatMap(({ name, load, verdicts }) =>
    verdicts.map(
      ({ what, figure, target, isMet }) =>
        `| ${name} | ${what} | ${figure} | ${target} | ${word(isMet)} | ${load} |`,
    ),
  );
  return ['| bench | what | figure | target | verdict | load |', '|---|---|---|---|---|---|']
    .concat(rows)
    .join('\n');
}

/** Says what is being done, beside the tables, so that these can be kept by `>`. */
export const say = (what) => process.stderr.write(`… ${what}\n`);
