"""The steps of the preparation that a reader can switch off: the key of each stage, and its field of `Preparation`."""

SWITCHES = {"cropped": "crops", "fitted": "fits", "smoothed": "smooths", "centred": "centres"}
