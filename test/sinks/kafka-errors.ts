import kafkaJs from 'kafkajs';

/** An error of the client's own classes, made as it makes them; its types leave some out. */
export function kafkaError(name: string, ...given: readonly unknown[]): Error {
  const Kind = (kafkaJs as unknown as Readonly<Record<string, new (...given: readonly unknown[]) => Error>>)[name];
  if (!Kind) throw new Error(`kafkajs has no ${name}`);
  return new Kind(...given);
}

/** What a broker answers. */
export function protocolError(type: string, code: number, message: string): Error {
  return kafkaError('KafkaJSProtocolError', { type, code, retriable: false, message });
}
