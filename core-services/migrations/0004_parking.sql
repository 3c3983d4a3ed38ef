-- Where patients can park, as HIRA's 세부정보 tells it (parkQty, parkXpnsYn).

alter table institutions
    add column parking_spaces  int unsigned null comment 'spaces to park a car (주차 가능 대수); 0 when there is none, null when the registry says nothing',
    add column parking_is_free boolean      null comment 'parking costs nothing (주차비용 부담 없음); null when the registry says nothing';
