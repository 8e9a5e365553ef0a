"""Bringing many users over from a file: read, compare with the store, carry out."""

from store.importing.carry_out import carry_out
from store.importing.csv_file import read_csv
from store.importing.entry import Entry, Problem, Read
from store.importing.passwd_file import read_passwd_file
from store.importing.plan import Plan, Step, plan

__all__ = ["Entry", "Plan", "Problem", "Read", "Step", "carry_out", "plan", "read_csv", "read_passwd_file"]
