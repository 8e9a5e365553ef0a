"""SEC-01: no core holds a password, and no process of the same user reads one out of memory."""

import ctypes
import os
import resource

from gateway.undumpable import forbid_dumps

_NOBODY = 65534


def test_sec_01_a_process_that_forbids_dumps_is_closed_to_its_own_user():
    """The kernel gives the files of such a process in /proc to root (proc(5))."""
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # who changes its user is closed until it is executed anew
        open_before = os.stat("/proc/self/mem").st_uid == os.geteuid()
        forbid_dumps()
        closed = open_before and os.stat("/proc/self/mem").st_uid == 0
        os._exit(0 if closed and resource.getrlimit(resource.RLIMIT_CORE) == (0, 0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
