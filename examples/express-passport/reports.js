// The business of the app.
const reports = [
  { title: 'Sales, first quarter', by: 'alice' },
  { title: 'Support, first quarter', by: 'bob' },
]

export function reportsOf(user) {
  return reports.filter(report => report.by === user.id)
}

export function addReport(user, title) {
  const report = { title: String(title), by: user.id }
  reports.push(report)
  return report
}
