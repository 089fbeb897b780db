"""The operations centre's register of all devices. It answers the questions of users and other systems about the park.

Comes in: devices and timeline entries from device_hub (ProvisioningService), requests (DeviceService).
Goes out: answers, and streams of changed devices, alarms and counts. It stores everything in its own MongoDB database.
Must never be done here: decide anything about a device (the hub did), let an older revision overwrite a newer one,
ask the hub for an answer (it is told the rows of shipment files, no more), answer by reading the whole register.

Its folders, each above those that it uses (a contract in pyproject.toml checks this):

    __main__, services, status, rebuild       the process, its gRPC services, what it says of itself, a command
    history  jobs  imports  views  notes      the past, work on many devices, shipment files, saved views, notes
    alarms                                    what needs attention, and what people do with it
    park                                      searching and counting all devices
    register  changes  work                   devices as they are stored; who watches; what jobs and imports share
    door, errors, json_text, mongodb, who     what every folder needs
"""
