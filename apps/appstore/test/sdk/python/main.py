"""main.py MODULE...: runs unit tests and prints one JSON object per test: title, ok, text."""

import json
import sys
import unittest

sys.dont_write_bytecode = True


class Result(unittest.TestResult):
    def report(self, test, ok, text=""):
        title = test.id().split(".")[-1].removeprefix("test_").replace("_", " ")
        print(json.dumps({"title": title, "ok": ok, "text": text}), file=sys.__stdout__, flush=True)

    def addSuccess(self, test):
        self.report(test, True)

    def addFailure(self, test, error):
        self.report(test, False, self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        self.report(test, False, f"skipped: {reason}")

    addError = addFailure
    addExpectedFailure = addFailure


unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:]).run(Result())
