/** The categories of web control. Source: reference, appendix B. */
const NAMES = [
  'Uncategorized|Adult/Sexually Explicit|Advertisements & Pop-Ups|Alcohol & Tobacco|Arts|Blogs & Forums|Business|Chat|Computing & Internet|Criminal Activity',
  'Downloads|Education|Entertainment|Fashion & Beauty|Finance & Investment|Food & Dining|Gambling|Games|Government|Hacking',
  'Health & Medicine|Hobbies & Recreation|Hosting Sites|Illegal Drugs|Infrastructure|Intimate Apparel & Swimwear|Intolerance & Hate',
  'Job Search & Career Development|Kids Sites|Motor Vehicles|News|Peer-to-Peer|Personals and Dating|Philanthropic & Professional Orgs.',
  'Phishing & Fraud|Photo Searches|Politics|Proxies & Translators|Real Estate|Reference|Religion|Ringtones/Mobile Phone Downloads|Search Engines',
  'Sex Education|Shopping|Society & Culture|Spam URLs|Sports|Spyware|Streaming Media|Tasteless & Offensive|Travel|Violence|Weapons|Web-based E-mail',
  'Custom|Anonymizing Proxies',
].flatMap((line) => line.split('|'));

export interface Category {
  readonly id: number;
  readonly name: string;
  readonly label: string;
}

/** As `GET .../web-control/categories` lists them; the numbers are their places. */
export const categories: readonly Category[] = NAMES.map((name, id) => ({ id, name, label: name.toLowerCase().replace(/[^a-z]+/g, '-') }));

export function isCategory(id: unknown): id is number {
  return typeof id === 'number' && categories[id] !== undefined;
}
