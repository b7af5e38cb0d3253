"""The code tables of the children in need (CIN) census, with their labels.

Source: Department for Education, CIN census XML schemas 2017-2026 (CIN_schema_2026.xsd and its predecessors), labels worded as in
the Standard Safeguarding Dataset where that is clearer. Codes that were withdrawn stay, because ten years of history hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, eq=False)
class CodeTable:
    """One closed list of codes; used in `Annotated[str, TABLE]` it admits these codes and nothing else."""

    name: str
    labels: Mapping[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def check(self, code: str) -> str:
        """Return the code if the table has it; raise pydantic's `wrong_code` (which names the table, not the value) otherwise."""
        if code not in self.labels:
            raise PydanticCustomError("wrong_code", "not a code of {table}", {"table": self.name})
        return code

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "enum": list(self.labels), "title": self.name}


def _table(name: str, labels: dict[str, str]) -> CodeTable:
    return CodeTable(name, MappingProxyType(labels))


REFERRAL_SOURCE = _table(
    "ReferralSource",
    {
        "1A": "Individual: family member, relative or carer",
        "1B": "Individual: acquaintance (including neighbours and child minders)",
        "1C": "Individual: self",
        "1D": "Individual: other (including strangers and MPs)",
        "2A": "Schools",
        "2B": "Education services",
        "3A": "Health services: GP",
        "3B": "Health services: health visitor",
        "3C": "Health services: school nurse",
        "3D": "Health services: other primary health services",
        "3E": "Health services: A&E (emergency department)",
        "3F": "Health services: other (e.g. hospice)",
        "4": "Housing (local authority housing department or housing association)",
        "5A": "Local authority services: social care (e.g. adults' social care)",
        "5B": "Local authority services: other internal (e.g. youth offending)",
        "5C": "Local authority services: external (another local authority)",
        "5D": "Local authority services: early help",
        "6": "Police",
        "7": "Other legal agency (courts, probation, immigration, CAFCASS, prison)",
        "8": "Other (children's centres, independent agency providers, voluntary organisations)",
        "9": "Anonymous",
        "10": "Unknown",
    },
)

PRIMARY_NEED = _table(
    "PrimaryNeedCode",
    {
        "N1": "Abuse, neglect and exploitation",
        "N2": "Child's disability",
        "N3": "Parental disability or illness",
        "N4": "Family in acute stress",
        "N5": "Family dysfunction",
        "N6": "Socially unacceptable behaviour",
        "N7": "Low income",
        "N8": "Absent parenting",
        "N9": "Cases other than children in need (adoption support only)",
        "N0": "Not stated",
    },
)

CLOSURE_REASON = _table(
    "ReasonForClosure",
    {
        "RC1": "Adopted",
        "RC2": "Died",
        "RC3": "Child arrangements order",
        "RC4": "Special guardianship order",
        "RC5": "Transferred to the services of another local authority",
        "RC6": "Transferred to adult social care services",
        "RC7": "Services ceased for any other reason, including child no longer in need",
        "RC8": "Case closed after assessment, no further action",
        "RC9": "Case closed after assessment, referred to early help",
    },
)

ASSESSMENT_FACTORS = _table(
    "AssessmentFactors",
    {
        "1A": "Alcohol misuse: child",
        "1B": "Alcohol misuse: parent or carer",
        "1C": "Alcohol misuse: another person in the household",
        "2A": "Drug misuse: child",
        "2B": "Drug misuse: parent or carer",
        "2C": "Drug misuse: another person in the household",
        "3A": "Domestic abuse: child subject of",
        "3B": "Domestic abuse: parent or carer subject of",
        "3C": "Domestic abuse: another person in the household subject of",
        "4A": "Mental health: child",
        "4B": "Mental health: parent or carer",
        "4C": "Mental health: another person in the household",
        "5A": "Learning disability: child",
        "5B": "Learning disability: parent or carer",
        "5C": "Learning disability: another person in the household",
        "6A": "Physical disability or illness: child",
        "6B": "Physical disability or illness: parent or carer",
        "6C": "Physical disability or illness: another person in the household",
        "7A": "Young carer",
        "8B": "Privately fostered: overseas children who intend to return",
        "8C": "Privately fostered: overseas children who intend to stay",
        "8D": "Privately fostered: UK children in educational placements",
        "8E": "Privately fostered: UK children making alternative family arrangements",
        "8F": "Privately fostered: other",
        "9A": "Unaccompanied asylum-seeking child",
        "10A": "Missing",
        "11A": "Child sexual exploitation",
        "12A": "Trafficking",
        "13A": "Gangs",
        "14A": "Socially unacceptable behaviour",
        "15A": "Self-harm",
        "16A": "Neglect",
        "17A": "Emotional abuse",
        "18A": "Physical abuse (replaced by 18B and 18C in 2021)",
        "18B": "Physical abuse: child on child",
        "18C": "Physical abuse: adult on child",
        "19A": "Sexual abuse (replaced by 19B and 19C in 2021)",
        "19B": "Sexual abuse: child on child",
        "19C": "Sexual abuse: adult on child",
        "20": "Other factors",
        "21": "No factors identified",
        "22A": "Female genital mutilation",
        "23A": "Abuse linked to faith or belief",
        "24A": "Child criminal exploitation",
    },
)

CATEGORY_OF_ABUSE = _table(
    "CategoryOfAbuse",
    {
        "NEG": "Neglect",
        "PHY": "Physical abuse",
        "SAB": "Sexual abuse",
        "EMO": "Emotional abuse",
        "MUL": "Multiple, or not recommended",
    },
)

DISABILITY = _table(
    "Disability",
    {
        "NONE": "None",
        "MOB": "Mobility",
        "HAND": "Hand function",
        "PC": "Personal care",
        "INC": "Incontinence",
        "COMM": "Communication",
        "LD": "Learning",
        "HEAR": "Hearing",
        "VIS": "Vision",
        "BEH": "Behaviour",
        "CON": "Consciousness",
        "AUT": "Autism or Asperger syndrome",
        "DDA": "Other disability under the Equality Act 2010",
    },
)

ETHNICITY = _table(
    "Ethnicity",
    {
        "WBRI": "White British",
        "WIRI": "White Irish",
        "WIRT": "Traveller of Irish heritage",
        "WROM": "Gypsy or Roma",
        "WOTH": "Any other White background",
        "MWBC": "White and Black Caribbean",
        "MWBA": "White and Black African",
        "MWAS": "White and Asian",
        "MOTH": "Any other mixed background",
        "AIND": "Indian",
        "APKN": "Pakistani",
        "ABAN": "Bangladeshi",
        "AOTH": "Any other Asian background",
        "CHNE": "Chinese",
        "BCRB": "Black Caribbean",
        "BAFR": "Black African",
        "BOTH": "Any other Black background",
        "OOTH": "Any other ethnic group",
        "REFU": "Refused",
        "NOBT": "Information not yet obtained",
    },
)

SEX = _table("Sex", {"M": "Male", "F": "Female", "U": "Unknown or unborn"})

GENDER_CURRENT = _table("GenderCurrent", {"1": "Male", "2": "Female", "0": "Not recorded or unborn", "9": "Indeterminate"})
"""Until the 2025 collection; an importer turns it into Sex (1 M, 2 F, 0 and 9 U)."""

UPN_UNKNOWN = _table(
    "UPNunknown",
    {
        "UN1": "Child is not of school age and has no UPN yet",
        "UN2": "Child has never attended a maintained school in England",
        "UN3": "Child is educated outside England",
        "UN4": "Child is newly looked after, or the UPN is not yet known",
        "UN5": "Sources give conflicting UPNs",
        "UN6": "UN6 (in the schema; its label is in none of the sources read)",
        "UN7": "Referral with no further action",
    },
)

CODE_TABLES: tuple[CodeTable, ...] = (
    REFERRAL_SOURCE,
    PRIMARY_NEED,
    CLOSURE_REASON,
    ASSESSMENT_FACTORS,
    CATEGORY_OF_ABUSE,
    DISABILITY,
    ETHNICITY,
    SEX,
    GENDER_CURRENT,
    UPN_UNKNOWN,
)
