"""The kit for things with revisions: what every service does alike with a row that people change.

| module | what it holds |
|---|---|
| `tables` | columns that such tables share, codes as a column type |
| `entities` | `Entity`: a table, the dataclass its rows are read as, and the queries on it |
| `writing` | `Writer`: who writes; create, change and remove a row, with its audit |
| `visibility` | which rows a caller may see |
| `records` | rows that are mainly a document: the five actions, by `Kind` |
| `resources` | the five routes of a kind of record |

SQLAlchemy Core stays visible: an action that needs another query writes it itself. Nothing here
asks another service, and nothing may inside a write transaction
(`connections.refuse_in_transaction`): what an action needs of others is asked before.
"""
