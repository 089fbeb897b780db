"""The operations centre's own register of all devices: what people and other systems ask about the park.

Comes in: devices and timeline entries from device_hub (ProvisioningService), questions (DeviceService).
Goes out: answers, and streams of changed devices, alarms and counts; what is stored lies in its own MongoDB database.
Must never be done here: decide anything about a device (the hub did), let an older revision overwrite a newer one,
ask the hub or a head-end system, answer a question by reading the whole register.
"""
