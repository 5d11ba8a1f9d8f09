"""Families: the fields of a Catalog that hold objects; the class of each is loaded where one is read or written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from harness.core.model.objects import CatalogObject


class Family(NamedTuple):
    """Where the class of a family is, and the system catalog that its oids are of."""

    module: str
    name: str
    catalog: str

    @property
    def kind(self) -> type[CatalogObject]:
        """The class. Fifty of them take longer to be made than a comparison of rows takes to learn its tables."""
        found: type[CatalogObject] = getattr(import_module(f"harness.core.model.{self.module}"), self.name)
        return found


FAMILIES: Final[dict[str, Family]] = {
    "schemas": Family("relations", "Schema", "pg_namespace"),
    "tables": Family("relations", "Table", "pg_class"),
    "columns": Family("relations", "Column", "pg_class"),
    "constraints": Family("rules", "Constraint", "pg_constraint"),
    "indexes": Family("rules", "Index", "pg_class"),
    "sequences": Family("relations", "Sequence", "pg_class"),
    "views": Family("relations", "View", "pg_class"),
    "view_columns": Family("views", "ViewColumn", "pg_class"),
    "routines": Family("programs", "Routine", "pg_proc"),
    "aggregates": Family("programs", "Aggregate", "pg_proc"),
    "triggers": Family("rules", "Trigger", "pg_trigger"),
    "rules": Family("views", "Rule", "pg_rewrite"),
    "event_triggers": Family("programs", "EventTrigger", "pg_event_trigger"),
    "enums": Family("types", "Enum", "pg_type"),
    "domains": Family("types", "Domain", "pg_type"),
    "domain_constraints": Family("types", "DomainConstraint", "pg_constraint"),
    "composite_types": Family("types", "CompositeType", "pg_type"),
    "composite_attributes": Family("types", "CompositeAttribute", "pg_class"),
    "range_types": Family("types", "RangeType", "pg_type"),
    "base_types": Family("types", "BaseType", "pg_type"),
    "collations": Family("collations", "Collation", "pg_collation"),
    "conversions": Family("collations", "Conversion", "pg_conversion"),
    "policies": Family("rules", "Policy", "pg_policy"),
    "statistics": Family("statistics", "StatisticsObject", "pg_statistic_ext"),
    "extensions": Family("programs", "Extension", "pg_extension"),
    "casts": Family("operators", "Cast", "pg_cast"),
    "operators": Family("operators", "Operator", "pg_operator"),
    "operator_families": Family("operators", "OperatorFamily", "pg_opfamily"),
    "operator_classes": Family("operators", "OperatorClass", "pg_opclass"),
    "access_methods": Family("operators", "AccessMethod", "pg_am"),
    "languages": Family("languages", "Language", "pg_language"),
    "transforms": Family("languages", "Transform", "pg_transform"),
    "text_search_parsers": Family("text_search", "TextSearchParser", "pg_ts_parser"),
    "text_search_templates": Family("text_search", "TextSearchTemplate", "pg_ts_template"),
    "text_search_dictionaries": Family("text_search", "TextSearchDictionary", "pg_ts_dict"),
    "text_search_configurations": Family("text_search", "TextSearchConfiguration", "pg_ts_config"),
    "foreign_data_wrappers": Family("foreign", "ForeignDataWrapper", "pg_foreign_data_wrapper"),
    "foreign_servers": Family("foreign", "ForeignServer", "pg_foreign_server"),
    "user_mappings": Family("foreign", "UserMapping", "pg_user_mapping"),
    "foreign_tables": Family("foreign", "ForeignTable", "pg_class"),
    "publications": Family("replication", "Publication", "pg_publication"),
    "subscriptions": Family("replication", "Subscription", "pg_subscription"),
    "databases": Family("database", "Database", "pg_database"),
    "database_settings": Family("database", "DatabaseSetting", "pg_db_role_setting"),
    "role_settings": Family("database", "RoleSetting", "pg_db_role_setting"),
    "large_objects": Family("database", "LargeObject", "pg_largeobject"),
    "privileges": Family("privileges", "Privilege", "aclitem"),
    "default_privileges": Family("privileges", "DefaultPrivilege", "aclitem"),
    "security_labels": Family("privileges", "SecurityLabel", "pg_seclabel"),
}
"""By field of Catalog, which is also the name of the query that reads it; in the order in which they are read"""
