import { orderText } from './order-words';

describe('an order that an auditor reads', () => {
  test.each([
    ['{"tag": {"add": ["exchange-2027", "lot-7"], "remove": ["old"]}}', 'Tag: Tags to add: exchange-2027, lot-7; Tags to take away: old'],
    ['{"mark_for_exchange": {"reason": "seal broken"}}', 'Mark for exchange: Reason: seal broken'],
    ['{"unmark_for_exchange": {}}', 'Remove the exchange mark'],
    ['{"acknowledge_alarms": {"comment": "seen", "rules": ["tamper"]}}', 'Acknowledge alarms: Comment: seen; Rule: Tamper'],
    ['{"filter": {"text_beginning": "FLEET", "networks": ["north"], "powers": ["OFF"], "marked_for_exchange": false}}', 'begins with: FLEET; Network: north; Power: Off; not marked for exchange'],
    ['{"filter": {}}', 'all'],
    ['{"filter": {"states": ["ALARM_STATE_OPEN"], "severities": ["ALARM_SEVERITY_CRITICAL"], "with_snoozed": true}}', 'State: Open; Severity: Critical; also those that sleep'],
    ['{"filter": {"facet_ages": [{"facet": "power", "since": {}}]}, "excluded_device_ids": ["north/1", "north/2"]}', 'In its state: Facet: Power; Since; left out: 2'],
    ['{"device_ids": ["north/1"]}', 'north/1'],
    ['{"alarm_ids": ["north/a", "north/b", "north/c"]}', 'named alarms: 3'],
    ['3000', '3,000'],
    ['["exchange-2027", "lot-7"]', 'exchange-2027, lot-7'],
  ])('%s is read as "%s"', (value, text) => expect(orderText(value)).toBe(text));

  test.each(['somebody goes there today', '{not an order', '{"tag": {"add": ["kept in pa…'])('%s is left as it is', (value) => expect(orderText(value)).toBeNull());
});
