// Preloaded into the services of a run that must fail: proves that the runner sees what it is there to see.
'use strict';
const { randomUUID } = require('node:crypto');
const Module = require('node:module');

/** By name: which file, and what is done to its exports. */
const plants = {
  // The frame is acknowledged at once and written three seconds later: who is killed meanwhile has lost it (P1).
  'ack-before-journal': {
    file: /gateway\/src\/intake\/journal\.service\.js$/,
    spoil({ Journal }) {
      const { write } = Journal.prototype;
      Journal.prototype.write = function (row, ...rest) {
        setTimeout(
          () => Promise.resolve(write.call(this, row, ...rest)).catch(() => undefined),
          3_000,
        );
        return Promise.resolve({ id: row.entry.id, isNew: true, isPending: false, wake: 0 });
      };
    },
  },
  // Every push of a message is a message (P2).
  'no-deduplication': {
    file: /gateway\/src\/intake\/journal-entry\.js$/,
    spoil(exported) {
      const { entryOf } = exported;
      exported.entryOf = (...args) => ({ ...entryOf(...args), id: randomUUID() });
    },
  },
  // A card that was given up is closed by nobody (P4).
  'no-reaper': {
    file: /sender\/src\/card\/card-debt\.repository\.js$/,
    spoil({ CardDebtRepository }) {
      CardDebtRepository.prototype.take = () => Promise.resolve([]);
    },
  },
};

const plant = plants[process.env.CHAOS_PLANT];
if (plant) {
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, filename) => {
    load(module, filename);
    if (plant.file.test(filename)) plant.spoil(module.exports);
  };
}
