/** Who an estate's people are: a function of their number, so that endpoints and alerts can name them before the directory is made. */
import { mix32, pick, randomFrom } from '../random.ts';
import { familyOf, type Holder, idIn } from './held.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** As an endpoint tells it. */
  readonly login: string;
}

const FIRST = ['Dana', 'Zoë', 'Юрий', '太郎', 'Nadia', 'Seán', 'محمد', 'Łucja', 'Ana', 'Björk', 'Ola', 'Priya', 'José', 'Kim'];
const LAST = ["O'Brien", 'Müller', 'Иванов', '田中', 'Example', 'García-López', 'van der Berg', 'Nguyễn', 'Smith', 'Østby', 'da Silva', '"Quoted"'];

/** A person of the directory; the same for the same number. */
export function personOf(holder: Holder, index: number): Person {
  const random = randomFrom(mix32(index) ^ familyOf(holder, 'users'));
  const [firstName, lastName] = [pick(FIRST, random), pick(LAST, random)];
  const id = idIn(holder, 'users', index);
  return {
    id,
    name: `${firstName} ${lastName}`,
    firstName,
    lastName,
    email: `user${index}@tenant${holder.tenant.number}.example.com`,
    login: `ACME\\user${index}`,
  };
}

/** A number of a person, or `null` where nobody is. */
export function someone({ sim }: Holder, hash: number): number | null {
  const { users } = sim.setup;
  return users === 0 ? null : mix32(hash ^ 0x9e0) % users;
}
