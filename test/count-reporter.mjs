// A vitest reporter that prints nothing: it writes how many tests passed, failed and were skipped to the file that
// CORECORD_TEST_COUNTS names.
import { writeFileSync } from 'node:fs'

export default class CountReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} files
   * @param {readonly unknown[]} errorsOutsideTests
   */
  onTestRunEnd(files, errorsOutsideTests) {
    const counts = { passed: 0, failed: errorsOutsideTests.length, skipped: 0 }
    for (const file of files) {
      const failedBefore = counts.failed
      for (const test of file.children.allTests()) {
        const { state } = test.result()
        // A test that is still pending when the run ends was cut off.
        counts[state === 'pending' ? 'failed' : state]++
      }
      // A file that cannot be loaded, or whose hook throws, may hold no failed test and has failed all the same.
      if (!file.ok() && counts.failed === failedBefore) counts.failed++
    }
    if (process.env.CORECORD_TEST_COUNTS)
      writeFileSync(process.env.CORECORD_TEST_COUNTS, JSON.stringify(counts))
  }
}
