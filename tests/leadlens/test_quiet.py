import subprocess
import sys

from leadlens.quiet import keep_libraries_quiet


def test_reports_home_are_off_unless_somebody_has_set_them() -> None:
    environment = {"MLFLOW_DISABLE_TELEMETRY": "false"}
    keep_libraries_quiet(environment)
    assert environment == {
        "MLFLOW_DISABLE_TELEMETRY": "false",
        "BENTOML_DO_NOT_TRACK": "True",
        "MLFLOW_LOGGING_LEVEL": "WARNING",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
    }


def test_keeping_quiet_loads_none_of_the_libraries() -> None:
    program = (
        "import sys; from leadlens.quiet import keep_libraries_quiet; keep_libraries_quiet(); "
        "sys.exit(any(name in sys.modules for name in ('mlflow', 'bentoml', 'lightgbm', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
