// Processes that a test starts are not covered: one that is killed leaves an empty file, on which the report would fail.
if (process.env.NODE_TEST_CONTEXT?.startsWith('child')) delete process.env.NODE_V8_COVERAGE
