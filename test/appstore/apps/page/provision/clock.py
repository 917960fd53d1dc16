"""A second service, which knows the password by its environment."""

import os
import time

while True:
    with open("/opt/page/clock", "w", encoding="utf-8") as file:
        file.write(f"{time.time()} {len(os.environ['PASSWORD'])} {os.getuid()}\n")
    time.sleep(0.2)
