import { ApiError } from '../api/client.ts'

/** What went wrong, and what to do about it. Nothing when nothing did. */
export function Problem({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null
  const problem = error instanceof ApiError ? error.problem : undefined
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem?.detail ?? (error as Error).message}</strong>
      </p>
      {problem && <p>{problem.advice}</p>}
      {problem?.problems && problem.problems.length > 1 && (
        <ul>
          {problem.problems.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {problem && <p class="quiet">{problem.code}</p>}
    </div>
  )
}
