create table CLIENTS (ID int4 constraint clients_pkey primary key, Name text not null);
