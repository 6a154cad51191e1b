"""A child of `leadline up`: a program that ends with its parent. ``python -m leadline.web.operations.child MODULE ARGUMENTS``."""

import runpy
import sys

from leadline.web.operations.supervise import stop_without_parent

if __name__ == "__main__":
    stop_without_parent()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
