"""on_another_system.py PLATFORM HOME: where ExShot would look on another system, as JSON.

Only the name of the system is that one's: paths are joined as here.
"""

import json
import os
import sys

sys.platform = sys.argv[1]
os.environ["HOME"] = sys.argv[2]

from exshot.plugins import UserFolders, find_editors
from exshot_contract.engine_command import bundle_folders, engine_config, find_command
from exshot_contract.paths import config_folder, log_folder

places = find_editors(UserFolders.current())
command = find_command()
record = {
    "settings": str(config_folder()),
    "engine noted in": str(engine_config()),
    "log": str(log_folder()),
    "program": [str(folder) for folder in bundle_folders()],
    "editors": [[one.title, str(one.plugins), str(one.settings or "")] for one in places],
    "engine": list(command.argv) if command else None,
}
print(json.dumps(record))
