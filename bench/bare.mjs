// The bare loop that guarantees nothing: fetch, parse, stringify, write. What the durable way is measured against.
import { closeSync, openSync, writeSync } from 'node:fs';
import { Agent, get } from 'node:http';

const [url, path, pages] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const page = (n) =>
  new Promise((resolve, reject) => {
    get(`${url}/siem/v1/events?page=${n}`, { agent }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
      response.on('error', reject);
    }).on('error', reject);
  });

const file = openSync(path, 'w');
let items = 0;
for (let n = 0; n < pages; n++) {
  const body = JSON.parse(await page(n));
  let text = '';
  for (const item of body.items) {
    text += `${JSON.stringify(item)}\n`;
    items++;
  }
  writeSync(file, text);
}
closeSync(file);
agent.destroy();
console.log(JSON.stringify({ items }));
