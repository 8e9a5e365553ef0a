"""`wicketgate config cache-key`: a new key for what lies in Redis."""

import stat
import subprocess
import sys


def test_a_key_is_made_for_its_owner_alone(shell, tmp_path):
    file = tmp_path / "cache.key"
    said = shell("config", "cache-key", str(file)).out
    assert str(file) in said
    written = file.read_text()
    assert written.strip() not in said
    assert len(bytes.fromhex(written.strip())) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shell.configure(f'[cache]\nurl = "redis://127.0.0.1:1"\nkey_file = "{file}"\n')
    shell("check-config")


def test_a_file_that_is_there_is_left_alone(shell, tmp_path):
    file = tmp_path / "cache.key"
    file.write_text("precious")
    said = shell("config", "cache-key", str(file), code=1).err
    assert said == f"wicketgate: {file} already exists and is left as it is. Name another file.\n"
    assert file.read_text() == "precious"


def test_a_folder_that_is_not_there_is_told(shell, tmp_path):
    said = shell("config", "cache-key", str(tmp_path / "nowhere" / "key"), code=1).err
    assert "can't be written: No such file or directory. Check the folder" in said


def test_a_redis_that_is_not_there_is_a_warning_of_doctor_and_an_error_of_an_online_check(shell, tmp_path):
    shell("config", "cache-key", str(tmp_path / "key"))
    shell.configure(f'[cache]\nurl = "redis://127.0.0.1:1"\nkey_file = "{tmp_path / "key"}"\n')
    said = shell("check-config", "--online", "--quiet", code=1).err
    assert said.startswith("cache: failed: it can't be used: ")
    assert "Logins go on without it" in said
    assert len(said.splitlines()) == 1
    findings = shell.run("doctor", "--json").json
    assert [one["level"] for one in findings if one["area"] == "cache"] == ["warning"]


def test_without_redis_its_driver_is_not_loaded():
    """It would cost each command a tenth of a second, and the gateway some megabytes."""
    parts = "gateway.cli, gateway.cli.user, gateway.cli.doctor, gateway.cli.check_config, gateway.serve"
    loaded = "sorted(name for name in sys.modules if name.partition('.')[0] == 'redis')"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {parts}; print({loaded})"], capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done
