/** Answers that are worked out once for each thing they are about. */

/** A function that asks `find` once for each object, and remembers what it said for as long as the object lives. `find` has to be pure. */
export function oncePer<Subject extends object, Answer>(find: (subject: Subject) => Answer): (subject: Subject) => Answer {
  const known = new WeakMap<Subject, { readonly answer: Answer }>();
  return (subject) => {
    let found = known.get(subject);
    if (found === undefined) {
      found = { answer: find(subject) };
      known.set(subject, found);
    }
    return found.answer;
  };
}
