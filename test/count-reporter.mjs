// A vitest reporter that prints nothing: it writes how many tests passed, failed and were skipped, and the same of
// each file that failed, to the file that CORECORD_TEST_COUNTS names.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} files
   * @param {readonly unknown[]} errorsOutsideTests
   */
  onTestRunEnd(files, errorsOutsideTests) {
    const counts = { passed: 0, failed: errorsOutsideTests.length, skipped: 0 }
    const failedFiles = []
    for (const file of files) {
      const own = { passed: 0, failed: 0, skipped: 0 }
      for (const test of file.children.allTests()) {
        const { state } = test.result()
        // A test that is still pending when the run ends was cut off.
        own[state === 'pending' ? 'failed' : state]++
      }
      // A file that cannot be loaded, or whose hook throws, may hold no failed test and has failed all the same.
      if (!file.ok() && own.failed === 0) own.failed++
      counts.passed += own.passed
      counts.failed += own.failed
      counts.skipped += own.skipped
      if (own.failed > 0) failedFiles.push({ path: relative(process.cwd(), file.moduleId), ...own })
    }
    if (process.env.CORECORD_TEST_COUNTS)
      writeFileSync(process.env.CORECORD_TEST_COUNTS, JSON.stringify({ ...counts, failedFiles }))
  }
}
