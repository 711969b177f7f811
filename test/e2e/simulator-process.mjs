// The simulator in a process of its own, so that killing the connector cannot touch it and its memory is not counted.
import { startSimulator } from '../../dist/simulator/index.js';

const simulator = await startSimulator(JSON.parse(process.argv[2] ?? '{}'));
const { close, ...facts } = simulator;
process.send?.(facts);
process.on('disconnect', () => {
  void close().then(() => process.exit(0));
});
