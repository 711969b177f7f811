"""The mock cluster of librdkafka, and a consumer that we did not write. Says its address, then answers one line for each line it is given."""
import base64
import json
import sys

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

cluster = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
brokers = cluster.list_topics(timeout=10).brokers
address = "%s:%d" % next((broker.host, broker.port) for broker in brokers.values())
print(json.dumps({"address": address}), flush=True)


def read(topic):
    consumer = Consumer({"bootstrap.servers": address, "group.id": "reader", "enable.partition.eof": True, "check.crcs": True, "fetch.wait.max.ms": 10, "log_level": 0})
    found = consumer.list_topics(topic, timeout=10).topics[topic]
    waiting = set(found.partitions)
    consumer.assign([TopicPartition(topic, partition, 0) for partition in waiting])
    messages = []
    while waiting:
        message = consumer.poll(10)
        if message is None:
            raise SystemExit("the mock cluster does not answer")
        if message.error() is not None:
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise SystemExit(str(message.error()))
            waiting.discard(message.partition())
            continue
        messages.append(
            {
                "partition": message.partition(),
                "offset": message.offset(),
                "time": message.timestamp()[1],
                "key": message.key().decode(),
                "value": base64.b64encode(message.value()).decode(),
                "headers": {name: value.decode() for name, value in message.headers() or []},
            }
        )
    consumer.close()
    return sorted(messages, key=lambda each: (each["partition"], each["offset"]))


for line in sys.stdin:
    print(json.dumps(read(json.loads(line)["read"])), flush=True)
