import { escapeValue } from '@broker/privexec/escape'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppstoreError, isAppstoreError, type Problem } from '../errors/error.ts'
import { errorRegistry } from '../errors/registry.ts'

/** Answers with problem details (RFC 9457). What nobody expected is logged, and not told to the caller. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = knownError(error)
  const { code, message, advice, field, problems, retryAfter } = known
  const { http, summary } = errorRegistry[code]
  if (code === 'APPSTORE_INTERNAL') request.log.error({ err: error }, 'unexpected')
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  if (code === 'APPSTORE_UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="appstore"')
  return reply
    .code(http)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `https://broker.invalid/appstore/errors#${code.toLowerCase()}`,
        title: summary,
        status: http,
        detail: message,
        code,
        advice,
        ...(field === undefined ? {} : { field }),
        ...(problems === undefined ? {} : { problems }),
      }),
    )
}

function knownError(error: unknown): AppstoreError {
  if (isAppstoreError(error)) return error
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error.validation, error.validationContext)
  const { statusCode, message } = error as FastifyError
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppstoreError('APPSTORE_USAGE', `The request cannot be read: ${escapeValue(message, 200)}`, {
      cause: error,
    })
  }
  return new AppstoreError('APPSTORE_INTERNAL', 'Something went wrong in the app store itself', { cause: error })
}

function invalidRequest(
  issues: readonly { readonly instancePath: string; readonly message?: string | undefined }[],
  where: string | undefined,
): AppstoreError {
  const problems = issues.map(({ instancePath, message = 'is not of its kind' }): Problem => {
    const field = instancePath
      .split('/')
      .filter(part => part !== '')
      .map(part => (/^\d+$/.test(part) ? `[${part}]` : /^[\w.-]{1,130}$/.test(part) ? `.${part}` : '.?'))
      .join('')
      .replace(/^\./, '')
    return { field, message }
  })
  const [first] = problems
  const name = first?.field || where || 'request'
  const text = `${name}: ${first?.message}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`
  return new AppstoreError('APPSTORE_INPUT_INVALID', text, {
    ...(first?.field ? { field: first.field } : {}),
    problems,
  })
}
