// All benchmarks, one after the other: nothing else should run on the machine. What they measure: docs/performance.md.
await import('./start.mjs');
await import('./quiet.mjs');
await import('./durable.mjs');
await import('./formats.mjs');
