"""The codes of findings: stable, one sentence each; docs/findings.md lists the same ones (a test keeps them so)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingCode:
    """A code, its short title and the sentence that explains it."""

    code: str
    title: str
    sentence: str


_TABLE = """
TAB001|Table missing on the target|A table of the source does not exist on the target: its rows cannot be loaded and every statement on it fails.
TAB002|Table on the target only|A table exists on the target alone; it is kept, and no plan touches it.
TAB003|Table attribute differs|A property of the table itself (persistence, partitioning, row-level security, …) is not the same.
TAB004|Possible rename of a table|A table is missing on the target and a very similar one exists there: a rename is suggested, not assumed.
COL001|Column missing on the target|A column of the source does not exist on the target: loads and statements that name it fail with 42703.
COL002|Column on the target only|A column exists on the target alone and can stay empty or has a default.
COL003|Column type differs|The types are not the same: values may be cut, refused or come back in another form.
COL004|Column nullability differs|NOT NULL is on one side only: rows may be refused, or NULLs appear where the application expects none.
COL005|Column default differs|A row written without this column gets another value, or none, on the target.
COL006|Required column on the target only|A column exists on the target alone, is NOT NULL and has no default: every insert that does not know it fails.
COL007|Possible rename of a column|A column is missing on the target and a twin exists there: a rename is suggested with its evidence, not assumed.
COL008|Column collation differs|Sort order, comparisons and unique checks of the column may give other results.
COL009|Identity or generation differs|The column is generated, or takes its value from an identity sequence, on one side only or in another way.
COL010|Order of columns differs|The columns are the same in another order: positional INSERT and COPY without a column list break.
COL011|Column attribute differs|Another property of the column is not the same.
CON001|Primary key missing or different|The target's table has no such primary key: duplicates can be written and upserts on the key fail.
CON002|Unique constraint missing or different|Duplicates can be written on the target, and ON CONFLICT on these columns fails with 42P10.
CON003|Foreign key missing or different|Orphans can be written on the target, or rows that the source accepts are refused.
CON004|Check missing or different|Values that the source refuses are accepted on the target, or the reverse.
CON005|Constraint on the target only|The target refuses rows that the source accepts.
CON006|Constraint is not valid or not enforced alike|The constraint exists on both sides, but existing rows were checked on one of them only.
CON007|Constraint has another name|The same rule under another name: only code that names the constraint notices.
CON008|Constraint definition differs|The constraint has the same name and another meaning.
CON009|Constraint is not valid|The rows that were there before the constraint were never checked against it: they may break it.
IDX001|Index missing on the target|Queries that used the index on the source scan the table on the target.
IDX002|Unique index missing on the target|Duplicates can be written on the target, and ON CONFLICT on these columns fails with 42P10.
IDX003|Index on the target only|It costs writes and space and changes no answer.
IDX004|Unique index on the target only|The target refuses rows that the source accepts.
IDX005|Index definition differs|The index has the same name and another definition.
IDX006|Index has another name|The same index under another name.
IDX007|Index is not valid|The index exists and PostgreSQL does not use it: a concurrent build failed, or partitions lack their parts of it.
SEQ001|Sequence missing on the target|Code that takes values from the sequence fails.
SEQ002|Sequence options differ|Increment, bounds, type, cycle or owner of the sequence are not the same.
SEQ003|Sequence is behind its column|The next value is not above the column's maximum: the first insert fails with 23505.
SEQ004|Sequence on the target only|A sequence exists on the target alone.
VIE001|View missing on the target|Statements that read the view fail.
VIE002|View definition differs|The view gives other rows or other columns, or its definitions could not be proved equal.
VIE003|View on the target only|A view exists on the target alone.
FUN001|Function missing on the target|Calls, triggers and policies that use the function fail.
FUN002|Function differs|The function's body or attributes are not the same.
FUN003|Function on the target only|A function exists on the target alone.
TRG001|Trigger missing or different|What the trigger does on the source does not happen, or happens otherwise, on the target.
TRG002|Trigger on the target only|Writes do something on the target that they do not do on the source.
TYP001|Type missing or different|An enum or other type of the source is absent, or has other values, on the target.
TYP002|Type on the target only|A type exists on the target alone.
OBJ001|Object missing or different|An object of another kind (a collation, a cast, a publication, …) is absent, or is not the same, on the target.
OBJ002|Object on the target only|An object of another kind exists on the target alone.
POL001|Policy missing or different|Row-level security gives other rows on the target.
POL002|Policy on the target only|Row-level security hides or refuses rows on the target that the source shows or accepts.
EXT001|Extension missing or of another version|Types, functions or operators of the extension are absent or may behave otherwise.
EXT002|Extension on the target only|An extension is installed on the target alone.
SCH001|Schema missing on the target|A schema of the source does not exist on the target.
SCH002|Schema on the target only|A schema exists on the target alone.
PRV001|Privilege missing or different|A role may not do on the target what it may on the source, or may not grant it on: its statements fail with 42501.
PRV002|Privilege on the target only|A role may do on the target what it may not on the source.
OWN001|Owner differs|The object belongs to another role: who may alter it, and as whom views and functions of definers run, is not the same.
CMT001|Comment differs|The comment on the object is not the same: nothing but documentation depends on it.
PUB001|Published rows cannot be named|A publication sends updates or deletes of a table whose rows nothing names: PostgreSQL refuses those statements.
PLT001|Function of the platform is used|Policies, defaults, views or functions of yours call a function that the platform brings: without it they cannot be made, or fail.
PLT002|Foreign key to a table of the platform|A table of yours refers to one that the platform manages: the constraint cannot be made where that is not.
PLT003|Policy or trigger on a table of the platform|Rules of yours stand on a table that the platform manages, and have nothing to stand on elsewhere.
PLT004|Publication of the platform has tables of yours|Subscribers of the platform's publication hear of changes to your tables; on the target they hear nothing.
PLT005|Role of the platform is named|Policies, privileges or owners of yours name a role that exists because of the platform.
PLT006|Extension that the target has not|Your objects need an extension that the target does not offer or has not installed.
PLT007|Relation or type of the platform is used|Objects of yours read a table or view, or use a type, that the platform manages.
UNM001|Something was not compared|The database has something that the role may not read, or that is not compared by this version; it is listed, not judged.
ENV001|Collation or encoding differs|Encoding, collation or locale provider of the databases are not the same: order, case and unique checks may differ.
ENV002|Server setting differs|A setting that changes answers (time zone, DateStyle, …) is not the same.
ENV003|Texts sort in another order|Two texts that both sides hold are ordered otherwise on the target: lists, pages, ranges and indexes over texts differ.
ENV004|Collation has changed under the indexes|The server sorts texts by another version of the rules than the one by which the indexes were built: lookups may miss rows.
ENV005|Indexes over texts follow other rules|Indexes and unique constraints over texts are in an order of another provider, locale or version: a copy of the files is not to be trusted.
CTR001|Statement uses a table that the target has not|The data layer reads or writes a relation that does not exist on the target.
CTR002|Statement uses a column that the target has not|The data layer names a column that exists on the source and not on the target (42703).
CTR003|Statement uses a column that exists nowhere|The data layer names a column that neither database has: the code is wrong.
CTR004|ON CONFLICT without a unique index on the target|No valid unique index or constraint of the target has exactly these columns: the upsert fails with 42P10.
CTR005|ON CONFLICT without a unique index anywhere|No unique index on either side has exactly these columns: the upsert fails with 42P10 on both.
CTR006|Statement calls a function that the target has not|The data layer calls a function that does not exist on the target (42883).
CTR007|Statement was not understood|A statement could not be parsed or resolved, so nothing is claimed about it.
CTR008|Data layer could not be rehearsed|The data layer did not start or did not speak to the rehearsal database, so its statements are not known.
CTR009|Operator or cast resolves otherwise|An operator, a function's argument or a cast of a statement exists on the source and not on the target, or gives another type there.
CTR010|Value is cast to a type that loses some of it|The target's column cannot hold what the source's could: the value that the statement writes or compares is rounded, cut or refused.
CTR011|Filter has lost its index|A filter that an index answers on the source scans the table on the target.
PLN001|Plan has steps with a hazard|The plan that makes the target equal takes locks, rewrites tables or loses data.
PLN002|Plan would fail on the data that is there|A constraint step was checked on the rows and would fail: duplicates, NULLs, orphans or values that do not fit.
MIG001|Rows not moved|Rows were not moved because the schema would refuse them.
MIG002|Load failed|Rows of a table could not be written to the target.
MIG003|Moved rows do not match|The number of rows that arrived is not the number that was read.
MIG004|Rows rejected by the target|Rows that the target refused were left out and listed in the file of --on-reject; all others were moved.
MIG005|Materialised view not refreshed|A materialised view of the target still shows what was there before rows were moved.
MIG006|Large objects not moved|Large objects could not be written to the target: others have their numbers there, or a statement failed.
MIG007|Large objects differ|Large objects are missing on the target, hold other bytes there, or are there and no longer on the source.
ROW001|Rows missing on the target|Rows of the source do not exist on the target.
ROW002|Rows on the target only|Rows of the target do not exist on the source.
ROW003|Cells differ|Rows with the same key hold other values.
ROW004|Cells drift|Values are equal and their type or representation is not.
ROW005|Rows not compared|A table in scope was not compared, or not wholly.
ROW006|Rows keep moving|Rows that differ were written again each time they were read: nothing final can be said about them.
ROW007|Compared by a sample|Only a sample of the rows was compared: a bound is stated, nothing is proved about the rest.
ROW008|Check differs|A SELECT of the configuration gives other figures on the target, or rows where it must give none.
ROW009|Check could not run|A SELECT of the configuration failed on a side, or its answers cannot be compared.
MET001|Answers differ|A method gives another answer on the target.
MET002|Answers drift|A method gives equal values of another type or representation on the target.
MET003|Errors differ|A method fails with another kind of error on the target.
MET004|Fails on the target only|A method that works on the source fails on the target.
MET005|Fails on the source only|A method that fails on the source works on the target.
MET006|Side effects differ|A method leaves other rows behind on the target.
MET007|Answered by the wrong server|A call was not answered by the server that it was compared for, or both by one: the comparison is void.
MET008|Method was not exercised|No case calls this public method: nothing is known about it.
MET009|Method exists on one side only|The data layers do not have the same public methods.
MET010|Source answer may be truncated|The source's answer is as long as its row cap: rows may be missing from it, and nothing is said about them.
MET011|Nothing to answer with|Every case of the method found no rows: an empty comparison proves nothing.
MET012|Clones are not like the databases|The methods were called on clones that differ from the databases: another version or locale, or objects that could not be made there.
MET013|Order is not determined|The source's own statement leaves the order of some rows open: which of them come first, or at all, is chance on either side.
MET014|Statements for each row (N+1)|The target's method asks its server once for each row where the source's asks once for all.
MET015|Row-level security hides rows|The source answers with the rows that its role may see: what it leaves out says nothing about the target.
MET016|Schema cache is stale|The source's interface does not know an object that its database has: its cache of the schema is older than the schema.
MET017|Slower than the budget|Calls of the method take longer on the target than the budget allows, beyond what chance explains.
MET018|Expected difference has expired|A difference was expected until a date that is past: it counts again.
MET019|Calls at the same time end differently|Equal calls made at the same moment leave other rows or errors behind on the target, in every try.
MET020|Sequence of calls diverges|Calls that are answered alike one by one are not when they follow one another.
MET021|Kind of case was not exercised|Of the calls with rows to find, without, with bad input, into an error and several times at once, some kinds were not made.
MET022|Not asked of the project|The case was compared on the rehearsal copy and not on the real project, which is only read; and test rows that were written there and removed.
MET023|Test rows are left in the project|Rows that a case wrote to the real project with --allow-writes could not be removed again.
MET024|Sequence or transaction is left otherwise|A call moves a sequence of the database further, or not at all, on the target, or leaves a transaction open.
CUT001|Check of the cutover failed|A check before the target was opened does not hold: everything is as it was before.
CUT002|Cutover is half done|Something is fenced, switched or open only in part: a command goes on or back.
CUT003|Not checked at the cutover|Something that was asked for could not be looked at: the cutover was not carried out.
CUT004|Rows not carried back|Rows that the target was given after it was opened could not be written to the source.
CUT005|Cutover was taken back|The target had been opened, and the source is in use again.
COV001|Table out of scope that nobody excluded|A table with rows is neither in scope nor excluded by name.
COV002|Nothing was compared|The source is empty, so an equal target proves nothing.
COV003|Stage did not run|A stage that was asked for did not run or did not finish.
COV004|Excluded by decision|Left out by name in the configuration, with the reason given there.
"""

CODES: dict[str, FindingCode] = {
    code: FindingCode(code, title, sentence)
    for code, title, sentence in (line.split("|", 2) for line in _TABLE.strip().splitlines())
}

ABOUT_COVERAGE = frozenset(
    {
        "COV001",
        "COV002",
        "COV003",
        "CUT002",
        "CUT003",
        "ROW005",
        "ROW006",
        "ROW007",
        "ROW009",
        "MET008",
        "MET010",
        "MET011",
        "MET012",
        "MET021",
        "MET022",
        "CTR007",
        "CTR008",
    }
)
"""Codes that say what was not checked: they make a verdict INCOMPLETE, never NO-GO, for nothing was found to differ."""
