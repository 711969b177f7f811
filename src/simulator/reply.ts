/** What the simulator answers. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A value as JSON. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return bytes(status, Buffer.from(JSON.stringify(value)), headers);
}

/** JSON that is already bytes. */
export function bytes(status: number, body: Buffer, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** A page such as gateways and proxies show. */
export function html(status: number, title: string): Reply {
  const body = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body><center><h1>${status} ${title}</h1></center></body>\r\n</html>\r\n`;
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(body) };
}

/** Nothing but a status. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: Buffer.alloc(0) };
}

const SHORT: Readonly<Record<number, readonly [string, string]>> = {
  400: ['badRequest', 'Bad request.'],
  401: ['notAuthorized', 'Not authorized.'],
  403: ['forbidden', 'Forbidden.'],
  404: ['notFound', 'Resource not found.'],
  409: ['resourceConflict', 'Resource conflict.'],
  422: ['unprocessableEntity', 'Unprocessable entity.'],
  429: ['tooManyRequests', 'Too many requests.'],
  500: ['internalServerError', 'Internal Server Error.'],
  503: ['serviceUnavailable', 'Service Unavailable.'],
};

const PHRASES: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 429: 'Too Many Requests' };

/** Central's error bodies; `freshId` gives each reply ids of its own. */
export class ErrorForms {
  readonly freshId: () => string;
  constructor(freshId: () => string) {
    this.freshId = freshId;
  }

  /** Form A: error, message, ids. */
  short(status: number, message?: string): Reply {
    const [error, usual] = SHORT[status] ?? ['error', 'Error.'];
    return this.#with(status, { error, message: message ?? usual });
  }

  /** Form B: form A and code, time, documentation. */
  full(status: number, now: number, headers: Readonly<Record<string, string>> = {}): Reply {
    const [error, message] = SHORT[status] ?? ['error', 'Error.'];
    const at = { code: error, createdAt: new Date(now).toISOString(), docUrl: 'https://developer.sophos.com/' };
    return this.#with(status, { error, message, ...at }, headers);
  }

  /** Form C: the reason phrase only, as the gateway answers. */
  phrase(status: number): Reply {
    return this.#with(status, { error: PHRASES[status] ?? 'Error' });
  }

  /** Form D: the identity service's own. */
  identity(status: number, errorCode: string, message: string): Reply {
    return json(status, { errorCode, message, trackingId: this.freshId() });
  }

  #with(status: number, what: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Reply {
    const correlationId = this.freshId();
    return json(status, { ...what, correlationId, requestId: this.freshId() }, { ...headers, 'x-correlation-id': correlationId });
  }
}
