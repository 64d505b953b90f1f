// Loaded into a measured process (`--expose-gc`): answers what it uses after a full collection.
process.on('message', (message) => {
  // Without a collection, which would be counted.
  if (message === 'cpu') process.send({ cpu: process.cpuUsage() });
  if (message !== 'usage') return;
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.send({ rss, used: heapUsed + external, arrayBuffers, cpu: process.cpuUsage() });
});
// Nobody measures any more.
process.on('disconnect', () => process.exit(0));
