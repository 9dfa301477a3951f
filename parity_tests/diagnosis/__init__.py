"""What is wrong with a layer that disagrees: the typical errors, tried one after the other on its own numbers."""

from parity_tests.diagnosis.engine import diagnose
from parity_tests.diagnosis.evidence import Evidence
from parity_tests.diagnosis.outcome import Diagnosis, ErrorMap, Named
from parity_tests.diagnosis.script import script
from parity_tests.diagnosis.shrink import shrink

__all__ = ["Diagnosis", "ErrorMap", "Evidence", "Named", "diagnose", "script", "shrink"]
