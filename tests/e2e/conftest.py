"""Programs that tests start are no tests, and need packages that may be missing."""

collect_ignore = ["sdk_python_app.py", "sdk_python_people.py"]
