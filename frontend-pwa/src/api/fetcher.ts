// The one door for all requests: every failure is a `Problem`, and a session that ended is renewed.
import { Problem, readProblem, UNREACHABLE } from "./problem";

export type Send = (request: Request) => Promise<Response>;

/**
 * Sends requests and throws a `Problem` for every answer that is none. With `renew`, what was refused
 * for want of a session is said once more after it has brought one back.
 */
export function fetcher(fetched: typeof fetch, renew?: () => Promise<unknown>): Send {
  const once: Send = async (request) => {
    try {
      return await fetched(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw new Problem({ code: UNREACHABLE, message: "no answer" }, { cause: error });
    }
  };
  return async (request) => {
    // A body can be sent once: the second time needs a copy.
    const again = renew === undefined ? request : request.clone();
    let response = await once(request);
    if (response.status === 401 && renew !== undefined) {
      await renew();
      response = await once(again);
    }
    if (!response.ok) throw await readProblem(response);
    return response;
  };
}
