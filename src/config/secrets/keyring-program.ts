/**
 * What runs in the short process that talks to the key store (see keyring.ts): one request as JSON on standard input, one answer on standard output.
 *
 * A text, since it has to run beside the program in whatever form that was installed. Ctrl-C is the business of
 * the parent, which then ends this process.
 */
export const keyringProgram = `
process.on('SIGINT', () => {});
let input = '';
process.stdin.setEncoding('utf8').on('data', (part) => { input += part; }).on('end', () => {
  const { act, service, account, value, module, isLinux } = JSON.parse(input);
  const leave = (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0));
  let library;
  try {
    library = require(module);
  } catch (error) {
    return leave({ error: String(error && error.message), where: 'load' });
  }
  try {
    if (act === 'accounts') return leave({ accounts: library.findCredentials(service).map((each) => each.account) });
    const entry = new library.Entry(service, account, isLinux ? { linux: { store: 'secret-service' } } : undefined);
    if (act === 'set') {
      entry.setPassword(value);
      return leave({});
    }
    if (act === 'delete') return leave({ found: entry.deletePassword() });
    const found = entry.getPassword();
    return leave(act === 'get' ? { value: found } : { found: typeof found === 'string' });
  } catch (error) {
    leave({ error: String(error && error.message), where: 'use' });
  }
});
`;
